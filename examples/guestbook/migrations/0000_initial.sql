CREATE TABLE "entries" (
	"id" serial PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"words" text NOT NULL
);
