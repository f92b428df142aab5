using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class OpenOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_projects_open_name",
                table: "projects",
                columns: new[] { "name", "id" },
                filter: "deleted_at is null and visibility <> 'private'");

            migrationBuilder.CreateIndex(
                name: "ix_projects_open_unix_name",
                table: "projects",
                column: "unix_name",
                filter: "deleted_at is null and visibility <> 'private'");

            migrationBuilder.CreateIndex(
                name: "ix_projects_open_updated_at",
                table: "projects",
                columns: new[] { "updated_at", "id" },
                filter: "deleted_at is null and visibility <> 'private'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_projects_open_name",
                table: "projects");

            migrationBuilder.DropIndex(
                name: "ix_projects_open_unix_name",
                table: "projects");

            migrationBuilder.DropIndex(
                name: "ix_projects_open_updated_at",
                table: "projects");
        }
    }
}
