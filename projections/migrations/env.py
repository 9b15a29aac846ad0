from profile_service.database import run_migrations_here

run_migrations_here()
