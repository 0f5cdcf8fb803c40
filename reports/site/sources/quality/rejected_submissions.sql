select
    reason,
    count(*) as rows_rejected,
    max(load_id) as last_load_id
from education.rejected_submissions
group by reason
order by rows_rejected desc, reason
