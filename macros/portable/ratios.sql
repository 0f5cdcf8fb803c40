{# `times` × part ÷ whole to four decimals, halves rounded up, as double; null where whole is 0 or
   null. Computed from integers, because engines round the last digit of a double differently. #}
{% macro exact_ratio(part, whole, times=1) -%}
    case
        when {{ whole }} > 0
            then floor(
                cast({{ 20000 * times }} * cast({{ part }} as bigint) + {{ whole }} as double)
                / (2 * {{ whole }})
            ) / 10000
    end
{%- endmacro %}
