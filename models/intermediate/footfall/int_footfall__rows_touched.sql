select {{ reading_key() }} as reading_key
from {{ ref('int_footfall__readings_checked') }}
