using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class RunConfiguration : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.ToTable("runs");
        builder.HasKey(r => r.Id).HasName("pk_runs");
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.Property(r => r.CommandName).HasMaxLength(Command.NameMax);
        builder.Property(r => r.Inputs).HasJsonConversion().IsRequired();
        builder.Property(r => r.Ending!).HasJsonConversion();
        builder.Property(r => r.Remote!).HasJsonConversion();
        builder.Property(r => r.Approval!).HasJsonConversion();
        builder.HasIndex(r => r.Id).HasFilter("awaits_approval").HasDatabaseName("ix_runs_awaiting");
        builder.Property(r => r.HostName).HasMaxLength(HostIdentity.NameMax);

        // The claim of a job and the limits of a command look for its runs that have not ended.
        builder.HasIndex(r => new { r.QueueId, r.Id }).HasFilter("queue_id is not null and not is_ended").HasDatabaseName("ix_runs_queue");
        builder.HasIndex(r => r.CommandId).HasFilter("not is_ended").HasDatabaseName("ix_runs_unfinished");
        builder.HasIndex(r => new { r.CommandId, r.Id }).HasDatabaseName("ix_runs_command");
        builder.HasIndex(r => new { r.ProjectId, r.Id }).HasDatabaseName("ix_runs_project");
        builder.HasIndex(r => r.ParentId).HasFilter("parent_id is not null").HasDatabaseName("ix_runs_parent");
        builder.HasIndex(r => new { r.ScheduleId, r.Id }).HasFilter("schedule_id is not null").HasDatabaseName("ix_runs_schedule");
        builder.HasOne<Job>().WithOne().HasForeignKey<Run>(r => r.Id).HasConstraintName("fk_runs_job").OnDelete(DeleteBehavior.Cascade);
    }
}
