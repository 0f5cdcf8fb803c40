with achievement as (
    select * from {{ ref('achievement_by_country') }}
),

levels as (
    {{ proficiency_levels_as_rows() }}
),

estimates as (
    select * from {{ ref('int_education__achievement_estimates') }}
),

final as (
    select
        achievement.country_code,
        achievement.survey_cycle,
        achievement.domain,
        levels.level_number,
        levels.proficiency_level,
        levels.lowest_score,
        achievement.students,
        case
            when achievement.mean_score is not null
                then coalesce({{ six_decimals('100 * estimates.estimate') }}, 0)
        end as share_pct,
        case
            when achievement.mean_score_se is not null
                then coalesce({{ six_decimals('100 * ' ~ achievement_error()) }}, 0)
        end as share_pct_se
    from achievement
    inner join levels on achievement.domain = levels.domain
    left join estimates
        on
            achievement.country_code = estimates.country_code
            and achievement.survey_cycle is not distinct from estimates.survey_cycle
            and achievement.domain = estimates.domain
            and levels.statistic = estimates.statistic
)

select * from final
