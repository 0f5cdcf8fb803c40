{# The rows of an incremental model that a test has to check. Where a build covers only what is new
   (`WAREHOUSE_AUDIT` is `affected`) these are the rows of affected keys: the others passed the test
   in an earlier build and did not change. Otherwise it is every row: in a build of everything, in a
   full refresh, in a history of many increments, and in a bare `dbt build` or `dbt test`.

   affected: the relation that has the affected keys; none where every row is always checked.
   by: the columns of the key, which have the same names in both relations. #}
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
