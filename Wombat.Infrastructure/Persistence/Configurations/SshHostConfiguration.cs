using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Commands;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class SshHostConfiguration : IEntityTypeConfiguration<SshHost>
{
    public void Configure(EntityTypeBuilder<SshHost> builder)
    {
        builder.ToTable(
            "ssh_hosts",
            t =>
            {
                t.HasCheckConstraint(
                    "ck_ssh_hosts_state",
                    "state in ('unverified', 'reachable', 'unreachable', 'login_refused', 'key_changed')"
                );
                t.HasCheckConstraint("ck_ssh_hosts_jump_host", "jump_host_id <> id");
                t.HasCheckConstraint("ck_ssh_hosts_key_source", "key_source in ('stored', 'file', 'agent')");
                t.HasCheckConstraint(
                    "ck_ssh_hosts_key",
                    "(key_source = 'stored') = (private_key is not null) and (key_source = 'file') = (key_file is not null)"
                );
            }
        );
        builder.HasKey(h => h.Id).HasName("pk_ssh_hosts");
        builder.Property(h => h.Id).ValueGeneratedNever();
        builder.Property(h => h.Name).HasMaxLength(SshHost.NameMax);
        builder.Property(h => h.Address).HasMaxLength(SshHost.AddressMax);
        builder.Property(h => h.UserName).HasMaxLength(SshHost.UserNameMax);
        builder.Property(h => h.Labels).HasJsonConversion().IsRequired().HasDefaultValueSql("'[]'");
        builder.Property(h => h.Alias).HasMaxLength(SshHost.AliasMax);
        builder.Property(h => h.KeySource).HasDefaultValueSql("'stored'").HasSentinel(SshKeySource.Stored);
        builder.Property(h => h.KeyFile).HasMaxLength(SshHost.KeyFileMax);
        builder.Property(h => h.HostKeys).HasJsonConversion().IsRequired();
        builder.Property(h => h.Version).IsConcurrencyToken();
        builder.HasIndex(h => new { h.ProjectId, h.Name }).IsUnique().AreNullsDistinct(false).HasDatabaseName("ux_ssh_hosts_name");
        builder.HasIndex(h => h.JumpHostId).HasFilter("jump_host_id is not null").HasDatabaseName("ix_ssh_hosts_jump_host");
        builder
            .HasOne(h => h.JumpHost)
            .WithMany()
            .HasForeignKey(h => h.JumpHostId)
            .HasConstraintName("fk_ssh_hosts_jump_host")
            .OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(h => h.ContainerId).HasFilter("container_id is not null").HasDatabaseName("ix_ssh_hosts_container");
        builder
            .HasOne<Resource>()
            .WithMany()
            .HasForeignKey(h => h.ContainerId)
            .HasConstraintName("fk_ssh_hosts_container")
            .OnDelete(DeleteBehavior.SetNull);
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(h => h.ProjectId)
            .HasConstraintName("fk_ssh_hosts_project")
            .OnDelete(DeleteBehavior.Restrict);
    }
}
