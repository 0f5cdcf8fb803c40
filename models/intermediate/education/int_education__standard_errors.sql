{# Each measure: its weighted sum, and the sum of weights that it is divided by. The mean years
   of early education are those of submissions with belonging. #}
{%- set measures = [
    ('years_of_early_education', 'years_of_early_education * weight_of_belonging',
     'weight_of_belonging', 'years_of_early_education is not null'),
    ('belonging', 'weighted_belonging', 'weight_of_belonging',
     'years_of_early_education is not null'),
    ('learning_minutes_per_week', 'weighted_minutes', 'weight_of_minutes', 'true'),
    ('escs', 'weighted_status', 'weight_of_status', 'true'),
] -%}

with sums as (
    select * from {{ ref('int_education__replicate_sums') }}
),

-- For all years together (-1), and for each number of years.
means as (
    {%- for measure, weighted, weight, condition in measures %}
    select
        country_code,
        -1 as years_of_early_education,
        '{{ measure }}' as measure,
        replicate,
        cast(sum({{ weighted }}) as double) / cast(sum({{ weight }}) as double) as mean
    from sums
    where {{ condition }}
    group by country_code, replicate
    having sum({{ weight }}) > 0

    union all
    {% endfor %}
    select
        country_code,
        years_of_early_education,
        'belonging' as measure,
        replicate,
        cast(weighted_belonging as double) / cast(weight_of_belonging as double) as mean
    from sums
    where years_of_early_education is not null and weight_of_belonging > 0
),

counted as (
    select
        country_code,
        cast(sum(submissions) as bigint) as submissions
    from sums
    where replicate = 0
    group by country_code
),

-- Squares are summed as decimals: a sum of doubles depends on the order.
errors as (
    select
        means.country_code,
        means.years_of_early_education,
        means.measure,
        cast(sum(cast(
            (means.mean - whole.mean) * (means.mean - whole.mean) as decimal(28, 18)
        )) as double) / {{ replicates() }} / {{ fay_factor_complement() }} as variance
    from means
    inner join means as whole
        on
            means.country_code = whole.country_code
            and means.years_of_early_education = whole.years_of_early_education
            and means.measure = whole.measure
            and whole.replicate = 0
    where means.replicate > 0
    group by means.country_code, means.years_of_early_education, means.measure
    having count(*) = {{ replicates() }}
),

final as (
    select
        errors.country_code,
        errors.years_of_early_education,
        errors.measure,
        counted.submissions,
        sqrt(errors.variance) as standard_error
    from errors
    inner join counted on errors.country_code = counted.country_code
)

select * from final
