{# The rows of an incremental model that a test has to look at. Where a build covers only what is new
   (`WAREHOUSE_AUDIT` is `affected`) these are the rows of affected keys: the others passed the test
   of an earlier build and are as they were. Otherwise every row: in a whole build, in a full
   refresh, in a history of many increments, and in a bare `dbt build` or `dbt test`.

   affected: the relation that has the affected keys; none where every row is always looked at.
   by: the columns of the key, named alike in both relations. #}
{% macro rows_to_test(model, affected, by) -%}
    {%- if affected is none or env_var('WAREHOUSE_AUDIT', 'everything') != 'affected' -%}
    {{ model }}
    {%- else -%}
    (
        select * from {{ model }}
        where ({{ by | join(', ') }}) in (select {{ by | join(', ') }} from {{ affected }})
    ) as tested
    {%- endif -%}
{%- endmacro %}
