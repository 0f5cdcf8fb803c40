with origins as (
    select * from {{ ref('int_core__origins') }}
),

last_read as (
    select * from {{ ref('int_core__last_read') }}
),

parts as (
    {{ union_domains(
        'int_{name}__data_through',
        ['part', 'time_zone', 'data_through_date', 'newest_date']
    ) }}
),

sources as (
    {%- for domain in domains() %}
    select
        '{{ domain.name }}' as domain,
        '{{ domain.source }}' as source_name
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

made_up as (
    select
        source_name,
        case
            when bool_and(is_made_up) then 'all'
            when bool_or(is_made_up) then 'partly'
        end as how_much
    from origins
    group by source_name
),

ends as (
    select
        source_name,
        case when min(time_zone) = max(time_zone) then min(time_zone) else 'local' end as time_zone,
        max(data_through_date) as data_through_date,
        max(newest_date) as newest_date
    from parts
    group by source_name
),

behind as (
    select
        parts.source_name,
        cast(count(*) as bigint) as parts,
        cast(
            count(case when parts.newest_date < ends.data_through_date then 1 end) as bigint
        ) as parts_behind
    from parts
    inner join ends on parts.source_name = ends.source_name
    group by parts.source_name
),

final as (
    select
        sources.domain,
        sources.source_name,
        ends.data_through_date,
        ends.newest_date,
        ends.time_zone,
        last_read.read_at,
        coalesce(made_up.how_much, 'none') as made_up,
        made_up.how_much is not null as is_made_up,
        coalesce(behind.parts, 0) as parts,
        coalesce(behind.parts_behind, 0) as parts_behind
    from sources
    left join made_up on sources.source_name = made_up.source_name
    left join ends on sources.source_name = ends.source_name
    left join behind on sources.source_name = behind.source_name
    left join last_read on sources.source_name = last_read.source_name
)

select * from final
