{{ config(materialized='incremental', unique_key='country_code') }}

{#- Rubin's rules: an estimate is the mean of those of each plausible value; its variance is the
    mean of their sampling variances, and (1 + 1/M) times the variance between them. -#}
{%- set sample = 'country_code, survey_cycle, domain' -%}

with statistics as (
    {{ achievement_statistics() }}
),

wholes as (
    select
        *,
        sum(weight) over (
            partition by {{ sample }}, plausible_value_number, replicate
        ) as weight_of_all
    from {{ ref('int_education__achievement_replicates') }}
),

by_replicate as (
    select
        wholes.country_code,
        wholes.survey_cycle,
        wholes.domain,
        statistics.statistic,
        wholes.plausible_value_number,
        wholes.replicate,
        sum(wholes.students) as students,
        sum(wholes.students_weighted) as students_weighted,
        sum(wholes.students_replicated) as students_replicated,
        sum(
            case
                when statistics.statistic = 'mean' then wholes.weighted_score
                else wholes.weight
            end
        ) / max(wholes.weight_of_all) as estimate
    from wholes
    inner join statistics
        on wholes.domain = statistics.domain and wholes.level_number = statistics.level_number
    group by
        wholes.country_code, wholes.survey_cycle, wholes.domain, statistics.statistic,
        wholes.plausible_value_number, wholes.replicate
),

with_whole as (
    select
        *,
        max(case when replicate = 0 then estimate end) over (
            partition by {{ sample }}, statistic, plausible_value_number
        ) as whole_estimate
    from by_replicate
),

by_plausible_value as (
    select
        {{ sample }},
        statistic,
        max(students) as students,
        max(students_weighted) as students_weighted,
        max(students_replicated) as students_replicated,
        max(whole_estimate) as estimate,
        sum((estimate - whole_estimate) * (estimate - whole_estimate))
        / {{ replicates() }} / {{ fay_factor_complement() }} as variance
    from with_whole
    group by {{ sample }}, statistic, plausible_value_number
),

-- A level that nobody reaches by a plausible value has no row, and a share of 0.
with_mean as (
    select
        *,
        sum(estimate) over (partition by {{ sample }}, statistic)
        / {{ plausible_values() }} as mean_estimate
    from by_plausible_value
),

final as (
    select
        {{ sample }},
        statistic,
        cast(max(students) as bigint) as students,
        cast(max(students_weighted) as bigint) as students_weighted,
        cast(max(students_replicated) as bigint) as students_replicated,
        max(mean_estimate) as estimate,
        sum(variance) / {{ plausible_values() }} as sampling_variance,
        (
            sum((estimate - mean_estimate) * (estimate - mean_estimate))
            + ({{ plausible_values() }} - count(*)) * max(mean_estimate * mean_estimate)
        ) / {{ plausible_values() - 1 }} as imputation_variance
    from with_mean
    group by {{ sample }}, statistic
),

affected as ( -- noqa: ST03
    select distinct country_code
    from {{ ref('int_education__submissions_affected') }}
    where submission_source = 'file'
)

{{ rows_of_affected('affected', 'final', ['country_code']) }}
