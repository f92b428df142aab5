using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
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
                    "status in ('pending', 'provisioning', 'running', 'stopped', 'error', 'missing', 'unknown', 'deleting', 'deleted', "
                        + "'ready', 'updating', 'degraded', 'frozen')"
                )
        );
        builder.HasKey(r => r.Id).HasName("pk_resources");
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.HasDiscriminator(r => r.Kind);
        builder.Property(r => r.Kind).HasMaxLength(Resource.KindMax);
        builder.Property(r => r.Name).HasMaxLength(Resource.NameMax);
        builder.Property(r => r.Plugin).HasMaxLength(63);
        builder.Property(r => r.ExternalId).HasMaxLength(Resource.ExternalIdMax);
        builder.Property(r => r.ExternalName).HasMaxLength(63);
        builder.Property(r => r.HostName).HasMaxLength(HostIdentity.NameMax);
        builder.Property(r => r.Endpoints).HasJsonConversion();
        builder.Property(r => r.Facts).HasJsonConversion();
        builder.Property(r => r.Drift).HasJsonConversion().HasDefaultValueSql("'[]'");
        builder.Property(r => r.Version).IsConcurrencyToken();
        builder.Ignore(r => r.ExternalKey).Ignore(r => r.Reference);
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(r => r.ProjectId)
            .HasConstraintName("fk_resources_project")
            .OnDelete(DeleteBehavior.Restrict);
        builder
            .HasIndex(r => new
            {
                r.ProjectId,
                r.Kind,
                r.Name,
            })
            .IsUnique()
            .HasFilter("status <> 'deleted'")
            .HasDatabaseName("ux_resources_name");
        builder.HasIndex(r => new { r.ProjectId, r.Id }).HasDatabaseName("ix_resources_project");
        builder.HasIndex(r => r.HostId).HasFilter("status <> 'deleted' and host_id is not null").HasDatabaseName("ix_resources_host");
        builder.HasIndex(r => r.RestorableUntil).HasFilter("restorable_until is not null").HasDatabaseName("ix_resources_restorable_until");
        builder
            .HasIndex(r => r.ExpiresAt)
            .HasFilter("expires_at is not null and status <> 'deleted'")
            .HasDatabaseName("ix_resources_expires_at");
        builder.HasIndex(r => r.Id).HasFilter("status <> 'deleted'").HasDatabaseName("ix_resources_alive");
    }
}
