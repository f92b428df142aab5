using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ProjectJobRetention : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "job_logs_max_mib",
                table: "projects",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "job_retention_days",
                table: "projects",
                type: "integer",
                nullable: true);

            migrationBuilder.AddCheckConstraint(
                name: "ck_projects_job_retention",
                table: "projects",
                sql: "job_retention_days > 0 and job_logs_max_mib > 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_projects_job_retention",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "job_logs_max_mib",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "job_retention_days",
                table: "projects");
        }
    }
}
