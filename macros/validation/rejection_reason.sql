{# Rejection rules. `rules` are pairs of SQL expressions: the reason, a text of the form `<column at
   the source>: <what is wrong>`, and the condition under which a row violates the rule. Each entity
   lists its own: crime_rules(), outline_rules(), reading_rules(), submission_rules(). #}


{# Whether a row violates any of the rules. #}
{% macro violates_rules(rules) -%}
    {%- for reason, condition in rules %}
    ({{ condition }})
    {%- if not loop.last %} or {% endif -%}
    {%- endfor %}
{%- endmacro %}


{# The reasons of all rules that a row violates, joined by semicolons; null where it violates none.
   The text is put together only for the few rows that are rejected. #}
{% macro rejection_reason(rules) -%}
    case
        when {{ violates_rules(rules) }}
            then concat_ws('; '
                {%- for reason, condition in rules %},
                case when {{ condition }} then {{ reason }} end
                {%- endfor %}
            )
    end
{%- endmacro %}


{# The reason of a line of a file that could not be split into the header's cells. #}
{% macro line_rejected() -%}
    'line: ' || line_problem
{%- endmacro %}
