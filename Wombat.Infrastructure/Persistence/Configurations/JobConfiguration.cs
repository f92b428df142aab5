using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Tracing;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class JobConfiguration : IEntityTypeConfiguration<Job>
{
    public void Configure(EntityTypeBuilder<Job> builder)
    {
        builder.ToTable(
            "jobs",
            t =>
                t.HasCheckConstraint(
                    "ck_jobs_state",
                    "state in ('queued', 'running', 'waiting_retry', 'succeeded', 'failed', 'cancelled', 'interrupted')"
                )
        );
        builder.HasKey(j => j.Id).HasName("pk_jobs");
        builder.Property(j => j.Id).ValueGeneratedNever();
        builder.Property(j => j.Kind).HasMaxLength(Job.KindMax);
        builder.Property(j => j.Queue).HasMaxLength(63);
        builder.Property(j => j.Arguments).HasColumnType("jsonb");
        builder.Property(j => j.RequestedBy).HasMaxLength(255);
        builder.Property(j => j.RequestId).HasMaxLength(64);
        builder.Property<string?>(WombatTracing.JobProperty).HasMaxLength(55);
        builder.Ignore(j => j.IsEnded);
        builder.OwnsOne(j => j.Error, error => error.ToJson("error"));

        // Only one job of a resource runs at a time: concurrent claims of two of them conflict here, and one claim is retried.
        builder
            .HasIndex(j => j.ResourceId)
            .IsUnique()
            .HasFilter("state = 'running' and resource_id is not null")
            .HasDatabaseName("ux_jobs_running_resource");
        builder.HasIndex(j => new { j.ResourceId, j.Id }).HasFilter("resource_id is not null").HasDatabaseName("ix_jobs_resource");
        builder.HasIndex(j => new { j.ProjectId, j.Id }).HasFilter("project_id is not null").HasDatabaseName("ix_jobs_project");
        builder.HasIndex(j => j.LeaseUntil).HasFilter("state = 'running'").HasDatabaseName("ix_jobs_lease");
        builder
            .HasIndex(j => new { j.State, j.Id })
            .HasFilter("state = 'failed' or state = 'cancelled' or state = 'interrupted'")
            .HasDatabaseName("ix_jobs_unhappy");
    }
}
