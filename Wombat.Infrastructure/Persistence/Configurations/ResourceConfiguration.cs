using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Containers;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class ResourceConfiguration : IEntityTypeConfiguration<Resource>
{
    public void Configure(EntityTypeBuilder<Resource> builder)
    {
        builder.ToTable(
            "resources",
            t =>
                t.HasCheckConstraint(
                    "ck_resources_status",
                    "status in ('pending', 'provisioning', 'running', 'stopped', 'error', 'missing', 'unknown', 'deleting', 'deleted')"
                )
        );
        builder.HasKey(r => r.Id).HasName("pk_resources");
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.HasDiscriminator<string>("kind").HasValue<Container>("container");
        builder.Property("kind").HasMaxLength(40);
        builder.Property(r => r.Name).HasMaxLength(Resource.NameMax);
        builder.Property(r => r.Plugin).HasMaxLength(63);
        builder.Property(r => r.ExternalId).HasMaxLength(Resource.ExternalIdMax);
        builder.Property(r => r.ExternalName).HasMaxLength(63);
        builder.Property(r => r.HostName).HasMaxLength(HostIdentity.NameMax);
        builder.Property(r => r.IpAddress).HasMaxLength(64);
        builder.Property(r => r.Version).IsConcurrencyToken();
        builder.Ignore(r => r.ExternalKey).Ignore(r => r.Reference).Ignore(r => r.Noun);
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(r => r.ProjectId)
            .HasConstraintName("fk_resources_project")
            .OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex("ProjectId", "kind", "Name").IsUnique().HasFilter("status <> 'deleted'").HasDatabaseName("ux_resources_name");
        builder.HasIndex(r => new { r.ProjectId, r.Id }).HasDatabaseName("ix_resources_project");
        builder.HasIndex(r => r.HostId).HasFilter("status <> 'deleted' and host_id is not null").HasDatabaseName("ix_resources_host");
        builder.HasIndex(r => r.Id).HasFilter("status <> 'deleted'").HasDatabaseName("ix_resources_alive");
    }
}

internal sealed class ContainerConfiguration : IEntityTypeConfiguration<Container>
{
    public void Configure(EntityTypeBuilder<Container> builder)
    {
        builder.Property(c => c.Template).HasMaxLength(Container.TemplateMax);
        builder.Property(c => c.InstalledKeys).HasMaxLength(Container.InstalledKeysMax);
        builder.HasIndex(c => c.SshKeysOwnerId).HasFilter("ssh_keys_owner_id is not null").HasDatabaseName("ix_resources_ssh_keys_owner");
        builder.ComplexProperty(
            c => c.Size,
            size =>
            {
                size.Property(s => s.Cpu).HasColumnName("cpu");
                size.Property(s => s.MemoryMiB).HasColumnName("memory_mib");
                size.Property(s => s.DiskGiB).HasColumnName("disk_gib");
            }
        );
    }
}
