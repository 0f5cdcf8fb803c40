{# Each measure: its weighted sum, the sum of weights that it is divided by, and how many
   submissions have it. The mean years of early education are those of submissions with belonging.
   #}
{%- set is_known = 'years_of_early_education is not null' %}
{%- set measures = [
    ('years_of_early_education', 'years_of_early_education * weight_of_belonging', 'belonging',
     is_known),
    ('belonging', 'weighted_belonging', 'belonging', is_known),
    ('learning_minutes_per_week', 'weighted_minutes', 'minutes', 'true'),
    ('escs', 'weighted_status', 'status', 'true'),
] -%}

with sums as (
    select * from {{ ref('int_education__replicate_sums') }}
),

-- For all years together (-1), and for each number of years.
means as (
    {%- for measure, weighted, answer, condition in measures %}
    select
        country_code,
        survey_cycle,
        -1 as years_of_early_education,
        '{{ measure }}' as measure,
        replicate,
        sum(submissions_with_{{ answer }}) as submissions_with_answer,
        cast(sum({{ weighted }}) as double) / cast(sum(weight_of_{{ answer }}) as double) as mean
    from sums
    where {{ condition }}
    group by country_code, survey_cycle, replicate
    having sum(weight_of_{{ answer }}) > 0

    union all
    {% endfor %}
    select
        country_code,
        survey_cycle,
        years_of_early_education,
        'belonging' as measure,
        replicate,
        submissions_with_belonging as submissions_with_answer,
        cast(weighted_belonging as double) / cast(weight_of_belonging as double) as mean
    from sums
    where {{ is_known }} and weight_of_belonging > 0
),

counted as (
    select
        country_code,
        survey_cycle,
        cast(sum(submissions) as bigint) as submissions
    from sums
    where replicate = 0
    group by country_code, survey_cycle
),

-- One student's mean is the same by every weight, and says nothing of the error of a sample.
-- Squares are summed as decimals: a sum of doubles depends on the order.
errors as (
    select
        means.country_code,
        means.survey_cycle,
        means.years_of_early_education,
        means.measure,
        cast(sum(cast(
            (means.mean - whole.mean) * (means.mean - whole.mean) as decimal(28, 18)
        )) as double) / {{ replicates() }} / {{ fay_factor_complement() }} as variance
    from means
    inner join means as whole
        on
            means.country_code = whole.country_code
            and means.survey_cycle is not distinct from whole.survey_cycle
            and means.years_of_early_education = whole.years_of_early_education
            and means.measure = whole.measure
            and whole.replicate = 0
    where means.replicate > 0 and whole.submissions_with_answer > 1
    group by
        means.country_code, means.survey_cycle, means.years_of_early_education, means.measure
    having count(*) = {{ replicates() }}
),

final as (
    select
        errors.country_code,
        errors.survey_cycle,
        errors.years_of_early_education,
        errors.measure,
        counted.submissions,
        sqrt(errors.variance) as standard_error
    from errors
    inner join counted
        on
            errors.country_code = counted.country_code
            and errors.survey_cycle is not distinct from counted.survey_cycle
)

select * from final
