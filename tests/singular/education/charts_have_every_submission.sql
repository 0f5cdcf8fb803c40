-- Each chart has every submission that it is about exactly once.
with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

expected as (
    select
        cast(count(*) as bigint) as submissions_total,
        cast(count(submitted_at) as bigint) as submissions_by_hour,
        cast(count(escs) as bigint) as escs_by_country,
        cast(count(learning_minutes_per_week) as bigint) as learning_hours_by_country,
        cast(count(
            case when years_of_early_education is not null then belonging end
        ) as bigint) as belonging_by_early_education
    from submissions
),

final as (
    {% for chart in [
        'submissions_total', 'submissions_by_hour', 'escs_by_country', 'learning_hours_by_country',
        'belonging_by_early_education', 'belonging_by_early_education_years'
    ] %}
    {%- set column = chart | replace('education_years', 'education') %}
    select
        '{{ chart }}' as chart,
        max(expected.{{ column }}) as submissions_in_fact,
        cast(coalesce(sum(charts.submissions), 0) as bigint) as submissions_in_chart
    from expected
    left join {{ ref(chart) }} as charts on true
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
)

select * from final
where submissions_in_fact != submissions_in_chart
