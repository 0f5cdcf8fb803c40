"""The questions that are asked of raw about readings; `Holdings` asks them."""

from ingestion.sources.store_sensors.tables import SCHEMA

# Longer answers are no readings; their beginning shows what they are.
LONGEST_ANSWER = 200
NO_NUMBER = "(visits is null or not regexp_full_match(visits, '-?[0-9]+'))"

# A reading that comes back after it was found gone is written again, and so lives: its load is
# newer than the one that noted the deletion.
HELD = f"""
(
    select readings.*, gone.sensor_id is not null as is_gone
    from {SCHEMA}.readings
    left join {SCHEMA}.reading_deletions as gone
        on readings.store_name = gone.store_name and readings.sensor_id = gone.sensor_id
        and readings.read_at_local = gone.read_at_local
        and readings._dlt_load_id <= gone._dlt_load_id
)
"""

# A reading that was asked for and is not in the stream was not received: its visits are null.
# What was received once is not forgotten because it is not received again. Two answers for one
# reading are no number: both are kept, for nobody knows which is right. So is what came unasked.
NEW_READINGS = f"""
with received as (
    select
        sensor_id,
        read_at_local,
        case
            when min(visits) != max(visits) then min(visits) || ' | ' || max(visits)
            else max(visits)
        end as visits
        {{maxima}}
    from (select * replace (nullif(left(visits, {LONGEST_ANSWER}), '') as visits) from answers)
    group by sensor_id, read_at_local
),

readings as (
    select sensor_id, read_at_local, received.visits {{extras}}
    from asked
    full join received using (sensor_id, read_at_local)
),

held as (
    select *
    from {HELD} as all_held
    where store_name = {{store}} and read_at_local between {{first}} and {{last}}
)

select
    {{store}} as store_name,
    readings.sensor_id,
    readings.read_at_local,
    readings.visits
    {{kept}},
    held.sensor_id is null as is_key_new
from readings
left join held
    on readings.sensor_id = held.sensor_id and readings.read_at_local = held.read_at_local
left join late on readings.sensor_id = late.sensor_id
where
    (
        held.sensor_id is null
        or held.is_gone
        or held.visits is distinct from readings.visits {{is_other}}
    )
    and (held.visits is null or readings.visits is not null)
    and not (
        late.sensor_id is not null
        and coalesce(readings.visits, '') = '-2'
        and (late.first_read is null or readings.read_at_local < late.first_read)
    )
order by readings.sensor_id, readings.read_at_local
"""

# To be completed with the sensors.
FIRST_READ = """
select sensor_id, min(read_at_local) as first_read
from answers
where
    sensor_id in ({sensors})
    and visits not in ('', '-2')
    and read_at_local like '____-__-__T__:00:00'
group by sensor_id
"""

# An answer that the API has no reading is an empty text.
GONE = f"""
select held.store_name, held.sensor_id, held.read_at_local, $at as detected_at
from asked
left join answers using (sensor_id, read_at_local)
inner join {HELD} as held
    on
        held.store_name = $store
        and asked.sensor_id = held.sensor_id
        and asked.read_at_local = held.read_at_local
where
    held.visits is not null
    and not held.is_gone
    and (coalesce(answers.visits, '') = '')
    and (answers.sensor_id is not null or $is_whole)
order by held.sensor_id, held.read_at_local
"""

# As the API adds up; what is longer than a number can be is none.
NUMBER = "case when regexp_full_match(visits, '-?[0-9]{1,18}') then cast(visits as bigint) end"
LIVE_IN_SPAN = f"""
select
    try_cast(left(read_at_local, 10) as date) as traffic_date,
    try_cast(read_at_local as timestamp) as hour_local,
    try_cast(sensor_id as bigint) as sensor,
    {NUMBER} as number
from {HELD} as held
where
    store_name = $store
    and read_at_local >= $since
    and read_at_local < $until
    and visits is not null
    and not is_gone
"""
DAYS = f"""
select
    traffic_date,
    count(*) filter (where number is distinct from -2),
    count(*) filter (where number >= 0),
    count(*) filter (where number = -1),
    coalesce(sum(number) filter (where number >= 0), 0),
    coalesce(sum((number + 2) * (24 * sensor + hour(hour_local) + 1)), 0)
from ({LIVE_IN_SPAN}) as live
group by traffic_date
"""
HOURLY_VISITS = f"""
select hour_local, sum(number)
from ({LIVE_IN_SPAN}) as live
where number >= 0
group by hour_local
"""
