select
    community_area_id,
    geojson_geometry
from crime.community_area_outlines
order by community_area_id
