using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class JumpHosts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "jump_host_id",
                table: "ssh_hosts",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_ssh_hosts_jump_host",
                table: "ssh_hosts",
                column: "jump_host_id",
                filter: "jump_host_id is not null");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ssh_hosts_jump_host",
                table: "ssh_hosts",
                sql: "jump_host_id <> id");

            migrationBuilder.AddForeignKey(
                name: "fk_ssh_hosts_jump_host",
                table: "ssh_hosts",
                column: "jump_host_id",
                principalTable: "ssh_hosts",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_ssh_hosts_jump_host",
                table: "ssh_hosts");

            migrationBuilder.DropIndex(
                name: "ix_ssh_hosts_jump_host",
                table: "ssh_hosts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ssh_hosts_jump_host",
                table: "ssh_hosts");

            migrationBuilder.DropColumn(
                name: "jump_host_id",
                table: "ssh_hosts");
        }
    }
}
