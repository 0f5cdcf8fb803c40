{# Codes in capitals, with their leading zeros, without the fraction that programs add to numbers
   (`820.0`). #}


{# An IUCR code, such as `0820` or `031A`: a letter takes the place of the last digit. Null where the
   text is none. #}
{% macro iucr_code(text) -%}
    {%- set code = 'upper(trim(' ~ text ~ '))' -%}
    case
        when {{ is_full_match(code, '[0-9]{1,3}[0-9A-Z]?([.]0+)?') }}
            then lpad(split_part({{ code }}, '.', 1), 4, '0')
    end
{%- endmacro %}


{# An FBI code, such as `06` or `08A`: a letter follows the two digits. Null where the text is none. #}
{% macro fbi_code(text) -%}
    {%- set code = 'upper(trim(' ~ text ~ '))' -%}
    case
        when {{ is_full_match(code, '[0-9][A-Z]?([.]0+)?') }}
            then '0' || split_part({{ code }}, '.', 1)
        when {{ is_full_match(code, '[0-9]{2}[A-Z]?([.]0+)?') }} then split_part({{ code }}, '.', 1)
    end
{%- endmacro %}
