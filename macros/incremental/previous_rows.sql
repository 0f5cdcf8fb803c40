{# The columns of a mart as the previous build wrote it; no rows where there is no such mart, and in
   a full refresh, which starts from nothing. A model cannot `ref` a mart that is built after it:
   the source makes clear in dbt's graph that the rows of the previous build are read.

   relation: source('previous_<domain>', <mart>). columns: their types by name. #}
{% macro previous_rows(relation, columns) -%}
    {%- set is_there = execute and not flags.FULL_REFRESH and load_relation(relation) is not none %}
select
    {%- for name, type in columns.items() %}
    {{ name if is_there else 'cast(null as ' ~ type ~ ') as ' ~ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{% if is_there -%}
from {{ relation }}
{%- else -%}
where false
{%- endif %}
{%- endmacro %}
