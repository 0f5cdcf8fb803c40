{# `total` ÷ `weight` to six decimals, halves rounded up, as double; null where the weight is 0 or
   null. Computed from decimals: sums of doubles differ in their last bits from run to run. #}
{% macro exact_mean(total, weight) -%}
    case
        when {{ weight }} > 0
            then floor(
                cast(2000000 * {{ total }} + {{ weight }} as double)
                / cast(2 * {{ weight }} as double)
            ) / 1000000
    end
{%- endmacro %}


{# A double to six decimals, halves rounded up. #}
{% macro six_decimals(value) -%}
    floor({{ value }} * 1000000 + 0.5) / 1000000
{%- endmacro %}


{# Sample standard deviation of `n` values to four decimals, from their sum and the sum of their
   squares, which are integers; null where there are fewer than two. #}
{% macro sample_stddev(n, total, total_of_squares) -%}
    case
        when {{ n }} > 1 then floor(0.5 + 10000 * sqrt(
            cast({{ n }} * {{ total_of_squares }} - {{ total }} * {{ total }} as double)
            / ({{ n }} * ({{ n }} - 1))
        )) / 10000
    end
{%- endmacro %}


{# A sum of doubles that hardly depends on the order of the rows: by compensated summation, where the
   engine has it. An exact sum of decimals takes four times as long. #}
{% macro stable_sum(value) -%}
    {{ return(adapter.dispatch('stable_sum')(value)) }}
{%- endmacro %}

{% macro default__stable_sum(value) -%}
    fsum({{ value }})
{%- endmacro %}

{% macro spark__stable_sum(value) -%}
    sum({{ value }})
{%- endmacro %}
