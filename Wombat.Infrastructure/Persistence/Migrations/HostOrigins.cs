using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class HostOrigins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "alias",
                table: "ssh_hosts",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "container_id",
                table: "ssh_hosts",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_ssh_hosts_container",
                table: "ssh_hosts",
                column: "container_id",
                filter: "container_id is not null");

            migrationBuilder.AddForeignKey(
                name: "fk_ssh_hosts_container",
                table: "ssh_hosts",
                column: "container_id",
                principalTable: "resources",
                principalColumn: "id",
                onDelete: ReferentialAction.SetNull);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_ssh_hosts_container",
                table: "ssh_hosts");

            migrationBuilder.DropIndex(
                name: "ix_ssh_hosts_container",
                table: "ssh_hosts");

            migrationBuilder.DropColumn(
                name: "alias",
                table: "ssh_hosts");

            migrationBuilder.DropColumn(
                name: "container_id",
                table: "ssh_hosts");
        }
    }
}
