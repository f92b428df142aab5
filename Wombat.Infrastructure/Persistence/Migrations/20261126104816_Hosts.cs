using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Hosts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Which hosts there are; only SQL reads it.
            migrationBuilder.Sql("create table hosts (id uuid not null constraint pk_hosts primary key, name varchar(255) not null, last_seen_at timestamptz not null)");

            migrationBuilder.DropCheckConstraint(
                name: "ck_resources_status",
                table: "resources");

            migrationBuilder.AddColumn<Guid>(
                name: "host_id",
                table: "resources",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "host_name",
                table: "resources",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_resources_host",
                table: "resources",
                column: "host_id",
                filter: "status <> 'deleted' and host_id is not null");

            migrationBuilder.AddCheckConstraint(
                name: "ck_resources_status",
                table: "resources",
                sql: "status in ('pending', 'provisioning', 'running', 'stopped', 'error', 'missing', 'unknown', 'deleting', 'deleted')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop table hosts; update resources set status = 'missing' where status = 'unknown'");

            migrationBuilder.DropIndex(
                name: "ix_resources_host",
                table: "resources");

            migrationBuilder.DropCheckConstraint(
                name: "ck_resources_status",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "host_id",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "host_name",
                table: "resources");

            migrationBuilder.AddCheckConstraint(
                name: "ck_resources_status",
                table: "resources",
                sql: "status in ('pending', 'provisioning', 'running', 'stopped', 'error', 'missing', 'deleting', 'deleted')");
        }
    }
}
