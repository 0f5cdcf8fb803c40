"""The queries on loaded readings that `LoadedReadings` runs."""

from ingestion.core.raw.loaded_rows import loaded_rows
from ingestion.sources.store_sensors.source import SOURCE

# Longer answers are not readings; their beginning shows what they are.
MAX_ANSWER_LENGTH = 200
# Of an hour that the clocks have twice there may be two: `10 + 30`.
NUMBERS = r"-?[0-9]+( \+ -?[0-9]+)?"
NOT_A_NUMBER = f"(visits is null or not regexp_full_match(visits, '{NUMBERS}'))"

LOADED = loaded_rows(SOURCE, "readings", "reading_deletions")

# A reading that was asked for and is not in the stream was not received: its visits are null.
# What was received once is not forgotten because it is not received again. Two answers for one
# reading are not a number: both are kept, for nobody knows which is right. So is what was not
# requested. Of an hour that the clocks have twice, two answers are both of its hours.
NEW_READINGS = f"""
with received as (
    select
        sensor_id,
        read_at_local,
        case
            when count(*) = 2 and count(visits) = 2 and read_at_local in ({{repeated}})
                then min(visits) || ' + ' || max(visits)
            when min(visits) != max(visits) then min(visits) || ' | ' || max(visits)
            else max(visits)
        end as visits
        {{maxima}}
    from (select * replace (nullif(left(visits, {MAX_ANSWER_LENGTH}), '') as visits) from answers)
    group by sensor_id, read_at_local
),

readings as (
    select sensor_id, read_at_local, received.visits {{extras}}
    from asked
    full join received using (sensor_id, read_at_local)
),

loaded as (
    select *
    from {LOADED} as all_loaded
    where store_name = {{store}} and read_at_local between {{first}} and {{last}}
)

select
    {{store}} as store_name,
    readings.sensor_id,
    readings.read_at_local,
    readings.visits
    {{kept}},
    loaded.sensor_id is null as is_key_new
from readings
left join loaded
    on readings.sensor_id = loaded.sensor_id and readings.read_at_local = loaded.read_at_local
left join late on readings.sensor_id = late.sensor_id
where
    (
        loaded.sensor_id is null
        or loaded.is_deleted
        or loaded.visits is distinct from readings.visits {{is_other}}
    )
    and (loaded.visits is null or readings.visits is not null)
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
DELETED = f"""
select loaded.store_name, loaded.sensor_id, loaded.read_at_local, $at as detected_at
from asked
left join answers using (sensor_id, read_at_local)
inner join {LOADED} as loaded
    on
        loaded.store_name = $store
        and asked.sensor_id = loaded.sensor_id
        and asked.read_at_local = loaded.read_at_local
where
    loaded.visits is not null
    and not loaded.is_deleted
    and (coalesce(answers.visits, '') = '')
    and (answers.sensor_id is not null or $is_whole)
order by loaded.sensor_id, loaded.read_at_local
"""

# As the API adds up; what is longer than a number can be is not counted.
NUMBER = """
    case
        when regexp_full_match(one_of_visits, '-?[0-9]{1,18}') then cast(one_of_visits as bigint)
    end"""
ROWS_IN_SPAN = f"""
select
    try_cast(left(read_at_local, 10) as date) as traffic_date,
    try_cast(read_at_local as timestamp) as hour_local,
    try_cast(sensor_id as bigint) as sensor,
    {NUMBER} as number
from (
    select *, unnest(string_split(visits, ' + ')) as one_of_visits
    from {LOADED} as all_loaded
    where
        store_name = $store
        and read_at_local >= $since
        and read_at_local < $until
        and visits is not null
        and not is_deleted
) as loaded
"""
DAYS = f"""
select
    traffic_date,
    count(*) filter (where number is distinct from -2),
    count(*) filter (where number >= 0),
    count(*) filter (where number = -1),
    coalesce(sum(number) filter (where number >= 0), 0),
    coalesce(sum((number + 2) * (24 * sensor + hour(hour_local) + 1)), 0)
from ({ROWS_IN_SPAN}) as readings
group by traffic_date
"""
HOURLY_VISITS = f"""
select hour_local, sum(number)
from ({ROWS_IN_SPAN}) as readings
where number >= 0
group by hour_local
"""
