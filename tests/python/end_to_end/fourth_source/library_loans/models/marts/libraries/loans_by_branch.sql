select branch, count(*) as loans, max(lent_on) as last_lent_on
from {{ ref('stg_library_loans__loans') }}
group by branch
