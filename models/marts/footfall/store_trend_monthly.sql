with days as (
    select * from {{ ref('store_traffic_daily') }}
),

monthly as (
    select
        store_name,
        cast({{ dbt.date_trunc('month', 'traffic_date') }} as date) as month_start,
        cast(sum(visits) as bigint) as visits,
        {{ days_estimated() }},
        cast(count(visits) as bigint) as days_measured,
        cast(sum(case when is_closed then 0 else 1 end) as bigint) as days_open,
        cast(sum(open_readings_expected) as bigint) as open_readings_expected,
        cast(sum(open_readings_valid) as bigint) as open_readings_valid,
        cast(sum(readings_estimated) as bigint) as readings_estimated,
        cast(sum(visits_outside_opening_hours) as bigint) as visits_outside_opening_hours,
        cast(sum(readings_expected) as bigint) as readings_expected,
        cast(sum(readings_valid) as bigint) as readings_valid,
        cast(count(case when is_complete_day then visits end) as bigint) as days_complete
    from days
    group by store_name, cast({{ dbt.date_trunc('month', 'traffic_date') }} as date)
),

marked as (
    select
        *,
        days_complete = extract(day from last_day(month_start)) as is_complete_month
    from monthly
),

estimated as (
    select
        *,
        {{ period_estimated() }}
    from marked
),

-- Changes between complete months only: half a month cannot be compared with a whole one.
final as (
    select
        marked.store_name,
        marked.month_start,
        marked.visits,
        marked.visits_estimated,
        marked.visits_estimated_low,
        marked.visits_estimated_high,
        marked.estimated_pct,
        marked.visits_outside_opening_hours,
        marked.days_measured,
        {{ exact_ratio('marked.visits', 'marked.days_measured') }} as visits_per_measured_day,
        marked.days_open,
        {{ exact_ratio('marked.completed_tenths', '(10 * marked.days_open)') }}
            as visits_per_open_day,
        marked.readings_expected,
        marked.readings_valid,
        marked.open_readings_expected,
        marked.open_readings_valid,
        marked.readings_estimated,
        {{ exact_ratio('marked.readings_valid', 'marked.readings_expected', 100) }} as coverage_pct,
        {{ exact_ratio('marked.open_readings_valid', 'marked.open_readings_expected', 100) }}
            as coverage_open_pct,
        case
            when marked.is_complete_month and month_before.is_complete_month
                then {{ exact_ratio(
                    '(marked.completed_tenths - month_before.completed_tenths)',
                    'month_before.completed_tenths', 100
                ) }}
        end as change_on_month_pct,
        case
            when marked.is_complete_month and year_before.is_complete_month
                then {{ exact_ratio(
                    '(marked.completed_tenths - year_before.completed_tenths)',
                    'year_before.completed_tenths', 100
                ) }}
        end as change_on_year_pct,
        marked.is_complete_month
    from estimated as marked
    left join estimated as month_before
        on
            marked.store_name = month_before.store_name
            and month_before.month_start
            = cast({{ dbt.dateadd('month', -1, 'marked.month_start') }} as date)
    left join estimated as year_before
        on
            marked.store_name = year_before.store_name
            and year_before.month_start
            = cast({{ dbt.dateadd('month', -12, 'marked.month_start') }} as date)
)

select * from final
