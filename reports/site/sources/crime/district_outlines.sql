select
    district_id,
    geojson_geometry
from crime.district_outlines
order by district_id
