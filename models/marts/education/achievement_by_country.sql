with estimates as (
    select
        *,
        {%- for name in ('students', 'students_weighted', 'students_replicated') %}
        max(case when statistic = 'mean' then {{ name }} end) over (
            partition by country_code, survey_cycle, domain
        ) as {{ name | replace('students_', '') }}_of_all
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_education__achievement_estimates') }}
),

final as (
    select
        country_code,
        survey_cycle,
        domain,
        max(students_of_all) as students,
        max(weighted_of_all) as students_weighted,
        {{ achievement_columns('mean', 'mean_score') }},
        {{ achievement_columns('below level 2', 'share_below_level_2_pct', times=100) }},
        {{ achievement_columns('level 5 or above', 'share_level_5_or_above_pct', times=100) }}
    from estimates
    group by country_code, survey_cycle, domain
)

select * from final
