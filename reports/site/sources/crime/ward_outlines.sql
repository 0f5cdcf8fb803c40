select
    ward_id,
    geojson_geometry
from crime.ward_outlines
order by ward_id
