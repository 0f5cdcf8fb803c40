{{ means_by_country('escs', mean='escs') }}
