select loans.loan_id, loans.branch, try_cast(loans.lent_on as date) as lent_on
from {{ source('library_loans', 'loans') }} as loans
left join {{ source('library_loans', 'loan_deletions') }} as deleted
    on loans.loan_id = deleted.loan_id and loans._dlt_load_id <= deleted._dlt_load_id
where deleted.loan_id is null
