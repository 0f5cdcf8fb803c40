{{ means_by_country('learning_minutes_per_week', mean='learning_hours', units=60) }}
