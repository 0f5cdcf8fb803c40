{%- set totals = [] -%}
{%- for kind in ('weight', 'score') -%}
{%- for number in range(replicates() + 1) -%}
{%- do totals.append(kind ~ '_' ~ number) -%}
{%- endfor -%}
{%- endfor -%}

with totals as (
    select
        country_code,
        survey_cycle,
        domain,
        plausible_value_number,
        level_number,
        students,
        students_weighted,
        students_replicated,
        {{ columns_as_rows(totals, 'place', 'total') }}
    from {{ ref('int_education__achievement_sums') }}
),

placed as (
    select
        *,
        cast(place % {{ replicates() + 1 }} as integer) as replicate
    from totals
),

final as (
    select
        country_code,
        survey_cycle,
        domain,
        plausible_value_number,
        level_number,
        replicate,
        max(students) as students,
        max(students_weighted) as students_weighted,
        max(students_replicated) as students_replicated,
        max(case when place <= {{ replicates() }} then total end) as weight,
        max(case when place > {{ replicates() }} then total end) as weighted_score
    from placed
    group by country_code, survey_cycle, domain, plausible_value_number, level_number, replicate
)

select * from final
