with days as (
    select * from {{ ref('store_traffic_daily') }}
),

monthly as (
    select
        store_name,
        cast({{ dbt.date_trunc('month', 'traffic_date') }} as date) as month_start,
        cast(sum(visits) as bigint) as visits,
        cast(count(visits) as bigint) as days_measured,
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

-- Changes between complete months only: half a month cannot be compared with a whole one.
final as (
    select
        marked.store_name,
        marked.month_start,
        marked.visits,
        marked.days_measured,
        {{ exact_ratio('marked.visits', 'marked.days_measured') }} as visits_per_measured_day,
        marked.readings_expected,
        marked.readings_valid,
        {{ exact_ratio('marked.readings_valid', 'marked.readings_expected', 100) }} as coverage_pct,
        case
            when marked.is_complete_month and month_before.is_complete_month
                then {{ exact_ratio(
                    '(marked.visits - month_before.visits)', 'month_before.visits', 100
                ) }}
        end as change_on_month_pct,
        case
            when marked.is_complete_month and year_before.is_complete_month
                then {{ exact_ratio(
                    '(marked.visits - year_before.visits)', 'year_before.visits', 100
                ) }}
        end as change_on_year_pct,
        marked.is_complete_month
    from marked
    left join marked as month_before
        on
            marked.store_name = month_before.store_name
            and month_before.month_start
            = cast({{ dbt.dateadd('month', -1, 'marked.month_start') }} as date)
    left join marked as year_before
        on
            marked.store_name = year_before.store_name
            and year_before.month_start
            = cast({{ dbt.dateadd('month', -12, 'marked.month_start') }} as date)
)

select * from final
