with estimates as (
    select
        *,
        max(case when statistic = 'mean' then students end) over (
            partition by country_code, survey_cycle, domain
        ) as students_of_all,
        max(case when statistic = 'mean' then students_weighted end) over (
            partition by country_code, survey_cycle, domain
        ) as weighted_of_all,
        max(case when statistic = 'mean' then students_replicated end) over (
            partition by country_code, survey_cycle, domain
        ) as replicated_of_all
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
