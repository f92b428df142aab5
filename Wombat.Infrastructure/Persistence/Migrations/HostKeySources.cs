using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class HostKeySources : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<byte[]>(
                name: "private_key",
                table: "ssh_hosts",
                type: "bytea",
                nullable: true,
                oldClrType: typeof(byte[]),
                oldType: "bytea");

            migrationBuilder.AddColumn<string>(
                name: "key_file",
                table: "ssh_hosts",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "key_source",
                table: "ssh_hosts",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValueSql: "'stored'");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ssh_hosts_key",
                table: "ssh_hosts",
                sql: "(key_source = 'stored') = (private_key is not null) and (key_source = 'file') = (key_file is not null)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ssh_hosts_key_source",
                table: "ssh_hosts",
                sql: "key_source in ('stored', 'file', 'agent')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_ssh_hosts_key",
                table: "ssh_hosts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ssh_hosts_key_source",
                table: "ssh_hosts");

            migrationBuilder.DropColumn(
                name: "key_file",
                table: "ssh_hosts");

            migrationBuilder.DropColumn(
                name: "key_source",
                table: "ssh_hosts");

            migrationBuilder.AlterColumn<byte[]>(
                name: "private_key",
                table: "ssh_hosts",
                type: "bytea",
                nullable: false,
                defaultValue: new byte[0],
                oldClrType: typeof(byte[]),
                oldType: "bytea",
                oldNullable: true);
        }
    }
}
