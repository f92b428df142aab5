using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Ownership : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ux_ssh_keys_fingerprint",
                table: "ssh_keys");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "delete_failed_at",
                table: "resources",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "installed_keys",
                table: "resources",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "ssh_keys_owner_id",
                table: "resources",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "created_by_id",
                table: "access_tokens",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "maker_id",
                table: "access_tokens",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ux_ssh_keys_user_fingerprint",
                table: "ssh_keys",
                columns: new[] { "user_id", "fingerprint" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_access_tokens_maker",
                table: "access_tokens",
                column: "maker_id",
                filter: "maker_id is not null");

            migrationBuilder.Sql(OwnershipSql.Up);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(OwnershipSql.Down);

            migrationBuilder.DropIndex(
                name: "ux_ssh_keys_user_fingerprint",
                table: "ssh_keys");

            migrationBuilder.DropIndex(
                name: "ix_access_tokens_maker",
                table: "access_tokens");

            migrationBuilder.DropColumn(
                name: "delete_failed_at",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "installed_keys",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "ssh_keys_owner_id",
                table: "resources");

            migrationBuilder.DropColumn(
                name: "created_by_id",
                table: "access_tokens");

            migrationBuilder.DropColumn(
                name: "maker_id",
                table: "access_tokens");

            migrationBuilder.CreateIndex(
                name: "ux_ssh_keys_fingerprint",
                table: "ssh_keys",
                column: "fingerprint",
                unique: true);
        }
    }
}
