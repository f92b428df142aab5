using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Limits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "created_by_id",
                table: "projects",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_projects_created_by",
                table: "projects",
                column: "created_by_id",
                filter: "deleted_at is null and created_by_id is not null");

            migrationBuilder.Sql(LimitsSql.Up);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(LimitsSql.Down);

            migrationBuilder.DropIndex(
                name: "ix_projects_created_by",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "created_by_id",
                table: "projects");
        }
    }
}
