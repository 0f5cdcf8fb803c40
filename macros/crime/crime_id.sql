{# The key of a crime: the portal's id, null where the text is not a whole number. Rows of a data
   set without it get a negative number derived from `:id`, so that both kinds cannot collide; those of
   files that lack `:id` too, from the case number and its place among the rows of the case. #}
{% macro crime_id() -%}
    case
        when source_dataset = 'x2n5-8w5q' then -{{ hash_to_bigint('row_identity') }}
        else {{ text_to_bigint('portal_id_reported') }}
    end
{%- endmacro %}
