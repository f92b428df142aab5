using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Databases : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_resources_status",
                table: "resources");

            migrationBuilder.AddColumn<bool>(
                name: "deletion_protection",
                table: "resources",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "expires_at",
                table: "resources",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "restorable_until",
                table: "resources",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "project_budgets",
                columns: table => new
                {
                    project_id = table.Column<Guid>(type: "uuid", nullable: false),
                    databases = table.Column<int>(type: "integer", nullable: true),
                    containers = table.Column<int>(type: "integer", nullable: true),
                    cpu_millis = table.Column<int>(type: "integer", nullable: true),
                    memory_mib = table.Column<int>(type: "integer", nullable: true),
                    storage_mib = table.Column<int>(type: "integer", nullable: true),
                    connections = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_project_budgets", x => x.project_id);
                    table.ForeignKey(
                        name: "fk_project_budgets_project",
                        column: x => x.project_id,
                        principalTable: "projects",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "tiers",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    description = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    plugin = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: true),
                    spec = table.Column<string>(type: "jsonb", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tiers", x => x.name);
                });

            migrationBuilder.CreateIndex(
                name: "ix_resources_expires_at",
                table: "resources",
                column: "expires_at",
                filter: "expires_at is not null and status <> 'deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_resources_restorable_until",
                table: "resources",
                column: "restorable_until",
                filter: "restorable_until is not null");

            migrationBuilder.AddCheckConstraint(
                name: "ck_resources_status",
                table: "resources",
                sql: "status in ('pending', 'provisioning', 'running', 'stopped', 'error', 'missing', 'unknown', 'deleting', 'deleted', "
                    + "'ready', 'updating', 'degraded', 'frozen')");

            migrationBuilder.RunSqlFiles("Databases");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "project_budgets");

            migrationBuilder.DropTable(
                name: "tiers");

            migrationBuilder.DropIndex(
                name: "ix_resources_expires_at",
                table: "resources");

            migrationBuilder.DropIndex(
                name: "ix_resources_restorable_until",
                table: "resources");

            migrationBuilder.DropCheckConstraint(
                name: "ck_resources_status",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "deletion_protection",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "expires_at",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "restorable_until",
                table: "resources");

            migrationBuilder.AddCheckConstraint(
                name: "ck_resources_status",
                table: "resources",
                sql: "status in ('pending', 'provisioning', 'running', 'stopped', 'error', 'missing', 'unknown', 'deleting', 'deleted')");
        }
    }
}
