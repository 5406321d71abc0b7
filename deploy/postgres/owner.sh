# Run once by the image of Postgres, when its data folder is new: the owner of the database, who is no superuser.
psql --set=ON_ERROR_STOP=1 --set=password="$OWNER_PASSWORD" --username="$POSTGRES_USER" --dbname=postgres --quiet <<'SQL'
CREATE ROLE countersign LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE countersign OWNER countersign;
SQL
