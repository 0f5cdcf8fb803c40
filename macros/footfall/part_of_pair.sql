{# One of the two numbers of `10 + 30`, as the loader writes the answers for both of the hours that
   the clocks have twice; null for any other text. #}
{% macro part_of_pair(text, part) -%}
    case
        when {{ text }} like '% + %' and {{ text }} not like '% + % + %'
            then split_part({{ text }}, ' + ', {{ part }})
    end
{%- endmacro %}
