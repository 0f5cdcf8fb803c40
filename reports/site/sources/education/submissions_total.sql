select
    submissions,
    first_submitted_at,
    last_submitted_at
from education.submissions_total
