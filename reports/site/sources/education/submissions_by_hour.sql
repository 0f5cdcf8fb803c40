select
    submissions,
    hour_start
from education.submissions_by_hour
order by hour_start
