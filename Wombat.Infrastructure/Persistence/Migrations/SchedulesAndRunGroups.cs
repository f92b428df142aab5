using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class SchedulesAndRunGroups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "labels",
                table: "ssh_hosts",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<bool>(
                name: "is_replaced",
                table: "runs",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<Guid>(
                name: "parent_id",
                table: "runs",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "schedule_id",
                table: "runs",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "schedules",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    command_id = table.Column<Guid>(type: "uuid", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: true),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    spec = table.Column<string>(type: "jsonb", nullable: false),
                    secrets = table.Column<byte[]>(type: "bytea", nullable: true),
                    created_by = table.Column<string>(type: "text", nullable: false),
                    run_as = table.Column<string>(type: "text", nullable: false),
                    run_as_user_id = table.Column<Guid>(type: "uuid", nullable: true),
                    run_as_token_id = table.Column<Guid>(type: "uuid", nullable: true),
                    handled_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    next_fire_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_fired_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_run_id = table.Column<Guid>(type: "uuid", nullable: true),
                    problem_code = table.Column<string>(type: "text", nullable: true),
                    problem_message = table.Column<string>(type: "text", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_schedules", x => x.id);
                    table.ForeignKey(
                        name: "fk_schedules_command",
                        column: x => x.command_id,
                        principalTable: "commands",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "schedule_fires",
                columns: table => new
                {
                    schedule_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_schedule_fires", x => new { x.schedule_id, x.at });
                    table.ForeignKey(
                        name: "fk_schedule_fires_schedule",
                        column: x => x.schedule_id,
                        principalTable: "schedules",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_runs_parent",
                table: "runs",
                column: "parent_id",
                filter: "parent_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_runs_schedule",
                table: "runs",
                columns: new[] { "schedule_id", "id" },
                filter: "schedule_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_schedules_next_fire",
                table: "schedules",
                column: "next_fire_at");

            migrationBuilder.CreateIndex(
                name: "ix_schedules_project",
                table: "schedules",
                columns: new[] { "project_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ux_schedules_name",
                table: "schedules",
                columns: new[] { "command_id", "name" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "schedule_fires");

            migrationBuilder.DropTable(
                name: "schedules");

            migrationBuilder.DropIndex(
                name: "ix_runs_parent",
                table: "runs");

            migrationBuilder.DropIndex(
                name: "ix_runs_schedule",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "labels",
                table: "ssh_hosts");

            migrationBuilder.DropColumn(
                name: "is_replaced",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "parent_id",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "schedule_id",
                table: "runs");
        }
    }
}
