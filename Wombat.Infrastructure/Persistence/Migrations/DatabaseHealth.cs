using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class DatabaseHealth : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "backup_overdue_since",
                table: "resources",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "drift",
                table: "resources",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<string>(
                name: "last_drill",
                table: "resources",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_restorable_at",
                table: "resources",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.RunSqlFiles("DatabaseHealth");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "backup_overdue_since",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "drift",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "last_drill",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "last_restorable_at",
                table: "resources");
        }
    }
}
