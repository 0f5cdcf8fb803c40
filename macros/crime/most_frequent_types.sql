{# The two most frequent types of each group: a query of (<by>, crimes, arrests, first_type,
   second_type, first_crimes, second_crimes, third_crimes). Types with equal counts are ordered by
   name.

   rows: a relation of <by>, primary_type, crimes and arrests. by: the columns of a group. #}
{% macro most_frequent_types(rows, by) -%}
    {%- set by = by | join(', ') %}
    select
        {{ by }},
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests,
        max(case when type_rank = 1 then primary_type end) as first_type,
        max(case when type_rank = 2 then primary_type end) as second_type,
        max(case when type_rank = 1 then crimes end) as first_crimes,
        max(case when type_rank = 2 then crimes end) as second_crimes,
        max(case when type_rank = 3 then crimes end) as third_crimes
    from (
        select
            *,
            row_number() over (
                partition by {{ by }} order by crimes desc, primary_type asc
            ) as type_rank
        from {{ rows }}
    ) as ranked
    group by {{ by }}
{%- endmacro %}
