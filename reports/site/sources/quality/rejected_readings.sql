select
    reason,
    count(*) as rows_rejected,
    max(load_id) as last_load_id
from footfall.rejected_readings
group by reason
order by rows_rejected desc, reason
