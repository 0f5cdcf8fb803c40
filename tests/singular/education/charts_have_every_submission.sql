-- Each chart has every submission that it is about exactly once; those of means, every submission
-- with an answer of one collection of each country.
{%- set charts_of_means = [
    'escs_by_country', 'learning_hours_by_country', 'belonging_by_early_education',
    'belonging_by_early_education_years'
] %}

with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

counted as (
    select
        cast(count(*) as bigint) as submissions_total,
        cast(count(submitted_at) as bigint) as submissions_by_hour
    from submissions
),

collections as (
    select
        {{ collection() }},
        cast(count(escs) as bigint) as escs_by_country,
        cast(count(learning_minutes_per_week) as bigint) as learning_hours_by_country,
        cast(count(
            case when years_of_early_education is not null then belonging end
        ) as bigint) as belonging_by_early_education
    from submissions
    group by {{ collection() }}
),

charts as (
    {% for chart in charts_of_means %}
    select
        '{{ chart }}' as chart,
        {{ collection() }},
        cast(sum(submissions) as bigint) as submissions
    from {{ ref(chart) }}
    group by {{ collection() }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

final as (
    {% for chart in ['submissions_total', 'submissions_by_hour'] %}
    select
        '{{ chart }}' as chart,
        cast(null as string) as country_code,
        max(counted.{{ chart }}) as submissions_in_fact,
        cast(coalesce(sum(charts.submissions), 0) as bigint) as submissions_in_chart,
        1 as collections_in_chart
    from counted
    left join {{ ref(chart) }} as charts on true

    union all
    {% endfor %}
    {% for chart in charts_of_means %}
    {%- set column = chart | replace('education_years', 'education') %}
    select
        '{{ chart }}' as chart,
        collections.country_code,
        cast(sum(
            case when charts.country_code is not null then collections.{{ column }} else 0 end
        ) as bigint) as submissions_in_fact,
        cast(coalesce(sum(charts.submissions), 0) as bigint) as submissions_in_chart,
        cast(count(charts.country_code) as integer) as collections_in_chart
    from collections
    left join charts
        on
            collections.country_code = charts.country_code
            and collections.submission_source = charts.submission_source
            and collections.survey_cycle is not distinct from charts.survey_cycle
            and charts.chart = '{{ chart }}'
    where collections.{{ column }} > 0
    group by collections.country_code
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
)

select * from final
where submissions_in_fact != submissions_in_chart or collections_in_chart != 1
